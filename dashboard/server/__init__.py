"""What the server does besides showing pages: middleware, /health, /metrics."""
