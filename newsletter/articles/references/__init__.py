"""What articles rest on: identifiers of publications, their details as CSL-JSON, and citations made from them."""
