"""A team on one server with everything going wrong now and then; run by hand: `python -m tests.faults.team`."""
