"""Selects frames of videos in S3 with LightlyStudio, without its user interface."""
