"""Methods that draw new images from a latent: five GANs over one pair of networks, a VAE, ALI."""
