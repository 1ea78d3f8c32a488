"""What is found by changing what the model is given: a part of the picture removed, and what each word rests on."""
