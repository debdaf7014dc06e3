import Machine

print("x")
