"""Files of contacts: bytes become records, records become drafts and issues. Knows files, never the store.

A file takes four steps. `source`, `fetch` and `packed` get the bytes. `reading` opens them, whatever they are, as
`blocks` that any process can read (`delimited` and `cutting` for text, `workbook` for spreadsheets). `headings` finds
out what the columns are, as a `mapping`. `draft` makes of each record a contact or its faults (`plain` and
`row_reader` for tables, `vcard_card` and `json_card` for the rest).
"""
