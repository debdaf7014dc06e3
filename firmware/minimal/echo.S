// Echoes COM1's input to its output until it has echoed a 'q', then asks for power-off.
// It polls, so that a serial port without its interrupt is tested too.

    .equ COM1_DATA, 0x3F8
    .equ COM1_LINE_STATUS, 0x3FD
    .equ DATA_READY, 0x01
    .equ TRANSMITTER_EMPTY, 0x20

    .code16
    .section .start, "ax"
echo:
    movw $COM1_LINE_STATUS, %dx
1:  inb %dx, %al
    testb $DATA_READY, %al
    jz 1b
    movw $COM1_DATA, %dx
    inb %dx, %al
    movb %al, %bl

    movw $COM1_LINE_STATUS, %dx
2:  inb %dx, %al
    testb $TRANSMITTER_EMPTY, %al
    jz 2b
    movw $COM1_DATA, %dx
    movb %bl, %al
    outb %al, %dx

    cmpb $'q', %bl
    jne echo

    movw $0x0A50, %dx           // the Apus signal port
    movb $2, %al                // power off
    outb %al, %dx
3:  hlt
    jmp 3b

    .section .reset, "ax"
    .globl reset_vector
reset_vector:
    jmp echo
