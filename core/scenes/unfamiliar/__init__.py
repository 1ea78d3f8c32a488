"""Pictures that are no drawn scene, and prompts that no scene answers: for training, and held out for measuring."""
