"""The handbook: the formula book as documents, written from the spec.

`document` is what a book is made of, as plain data; `book` puts it together from `chapters/` and
`pages`; the writers (`html`, `tex`, `markdown`) turn the same data into files; `build` writes what
has changed.
"""

FORMS = ("html", "latex", "pdf", "markdown")
"""What a handbook can be written as."""
