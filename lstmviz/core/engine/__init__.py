"""Forward and backward through a network, with every intermediate of every step. The equations live here."""
