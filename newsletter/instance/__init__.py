"""Whether this database may send: a copied or restored database needs a person's permission first."""
