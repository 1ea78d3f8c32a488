"""Video files, and lists and folders of frames -> the sampled frames, upright RGB, with their times and digest."""
