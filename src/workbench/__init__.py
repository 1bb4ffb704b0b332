"""A notebook workbench for performance analysts in social-service organisations."""
