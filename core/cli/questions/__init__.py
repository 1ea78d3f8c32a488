"""`python -m core what-if`, `reliance`, `heads` and `lens`: what else can be asked about a picture and a prompt."""
