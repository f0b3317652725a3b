"""Files of contacts: bytes become rows, rows become drafts and issues. Knows files, never the store.

A file takes four steps, each a module: ``fetch`` or ``source`` gets the bytes, ``table`` opens them as headings
and rows (``delimited`` for text, ``workbook`` for spreadsheets), ``draft`` makes of each row a contact or its faults.
"""
