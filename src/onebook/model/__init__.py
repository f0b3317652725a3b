"""What a contact is: frozen values and pure rules. No I/O, no clock, no randomness."""
