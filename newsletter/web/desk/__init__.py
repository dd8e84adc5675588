"""The desk: pages where editors write, approve, schedule and send issues. The rules are in the stages."""
