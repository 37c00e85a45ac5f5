"""What several pages share, a file for each subject."""
