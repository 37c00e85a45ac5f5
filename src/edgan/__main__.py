"""`python -m edgan`, and so `torchrun ... -m edgan`."""

from edgan.cli import main

if __name__ == "__main__":
    main()
