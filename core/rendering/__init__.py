"""Maps -> pictures. No torch here."""
