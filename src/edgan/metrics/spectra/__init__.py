"""Metrics of spatial frequency: fine detail, octave bands and checkerboards."""
