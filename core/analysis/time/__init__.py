"""When the heat of a video's map lies: shares of its time steps, moments, peaks, words, and a known truth."""
