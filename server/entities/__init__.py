"""WHAT IS FOLLOWED UP: entity lists, which phones hold offline and forms create and update."""
