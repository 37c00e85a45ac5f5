"""Two built-in sets of pictures, drawn from a seed at any size: faces with known factors, and facades."""

from edgan.data.synthetic.facade_layout import FACADE_CLASSES, FACADE_PALETTE
from edgan.data.synthetic.facades import colour_labels, render_facades
from edgan.data.synthetic.faces import render_face, render_faces
from edgan.data.synthetic.factors import (
    FACE_ATTRIBUTES,
    FACE_FACTORS,
    FaceFactors,
    attributes_of,
    factor_values,
    sample_face,
    with_attribute,
)
from edgan.data.synthetic.folder import write_folder

__all__ = [
    "FACADE_CLASSES",
    "FACADE_PALETTE",
    "FACE_ATTRIBUTES",
    "FACE_FACTORS",
    "FaceFactors",
    "attributes_of",
    "colour_labels",
    "factor_values",
    "render_facades",
    "render_face",
    "render_faces",
    "sample_face",
    "with_attribute",
    "write_folder",
]
