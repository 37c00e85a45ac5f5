"""Methods that invert a trained GAN: from an image to its latent."""
