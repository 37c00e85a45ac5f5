"""edgan: image models that join an encoder-decoder with a GAN. Which loss teaches which network is a table."""

__version__ = "0.1.0"
