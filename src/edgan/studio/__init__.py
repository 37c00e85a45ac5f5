"""The studio: trained models in the browser. `server` speaks to `edgan.api` and `edgan.models`; `page` is the page."""
