"""Jobs on a page while they wait and run."""
