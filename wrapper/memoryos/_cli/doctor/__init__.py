"""`memoryos doctor`: what is checked, how it is judged, and what is said of it."""
