"""Methods that learn the way back: from an image to the latent that a trained GAN draws it from."""
