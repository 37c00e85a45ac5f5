"""Two built-in sets of pictures, drawn from a seed at any size: faces with known factors, and facades."""

from edgan.data.synthetic.faces import render_face, render_faces
from edgan.data.synthetic.factors import FACE_ATTRIBUTES, FaceFactors, attributes_of, sample_face

__all__ = ["FACE_ATTRIBUTES", "FaceFactors", "attributes_of", "render_face", "render_faces", "sample_face"]
