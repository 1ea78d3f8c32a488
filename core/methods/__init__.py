"""The attribution methods: their maths, and what each of them takes from a pass."""
