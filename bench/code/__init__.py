"""Measures how fast programs are judged, beside executors of other projects."""
