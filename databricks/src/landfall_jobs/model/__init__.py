"""Training, applying and storing a model."""
