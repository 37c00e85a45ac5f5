"""A trained model: load it, call its verbs on tensors, edit, tile, evaluate."""
