// A guest that never ends and never exits to the monitor: what a timeout has to stop.
// It spins rather than halts, because a halted vCPU gives the host thread up by itself.

    .code16
    .section .reset, "ax"
    .globl reset_vector
reset_vector:
    cli
1:  jmp 1b
