"""Data sets of people: pictures, questions, and where what is meant lies. No torch."""
