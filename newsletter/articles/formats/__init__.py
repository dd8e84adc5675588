"""The formats that articles come in, a reader a file. `choose_format.FORMATS` lists those of documents."""
