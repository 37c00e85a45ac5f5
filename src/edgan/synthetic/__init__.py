"""Three built-in sets of pictures, rendered from a seed at any size: faces with known factors, facades, and digits."""

from edgan.synthetic.digits import render_digits
from edgan.synthetic.facade_layout import FACADE_CLASSES, FACADE_PALETTE
from edgan.synthetic.facades import colour_labels, render_facades
from edgan.synthetic.faces import render_face, render_faces
from edgan.synthetic.factors import (
    FACE_ATTRIBUTES,
    FACE_FACTORS,
    FaceFactors,
    attributes_of,
    factor_values,
    sample_face,
    with_attribute,
)
from edgan.synthetic.folder import write_folder

__all__ = [
    "FACADE_CLASSES",
    "FACADE_PALETTE",
    "FACE_ATTRIBUTES",
    "FACE_FACTORS",
    "FaceFactors",
    "attributes_of",
    "colour_labels",
    "factor_values",
    "render_digits",
    "render_facades",
    "render_face",
    "render_faces",
    "sample_face",
    "with_attribute",
    "write_folder",
]
