"""Methods that edit what an image shows: its attributes, or its class."""
