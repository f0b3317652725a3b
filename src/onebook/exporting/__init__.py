"""Contacts as files: CSV, xlsx, vCard, JSON Lines, and workbooks of refused rows. Knows files, never the store.

Each format is a module that takes contacts one by one and gives the bytes of its file piece by piece.
"""
