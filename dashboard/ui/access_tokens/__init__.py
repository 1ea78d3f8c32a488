"""The page on which people let their programs in: access tokens are made, listed and withdrawn."""
