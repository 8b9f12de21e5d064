"""The forms that a case comes in and goes out in."""
