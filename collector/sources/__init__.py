"""One module per platform behind the protocol in `collector.sources.protocol`."""
