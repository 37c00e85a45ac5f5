"""The studio's server: a versioned HTTP interface over `edgan.api` and `edgan.models`, and the page's files."""
