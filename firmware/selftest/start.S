// From the reset vector to Swift: real mode, protected mode, long mode, memory, `self_test`.
//
// The processor starts in real mode at 0xFFFFFFF0 with CS based at 0xFFFF0000, so the 16-bit code reaches the last
// 64 KiB of the ROM. RAM holds nothing yet: the code here copies the program there and builds the page tables, which map
// the first 4 GiB to themselves in 2 MiB pages.

    .equ CODE32, 0x08
    .equ DATA, 0x10
    .equ CODE64, 0x18

    .equ CR0_PE_ET, 0x00000011
    .equ CR0_PG, 0x80000000
    .equ CR4_PAE, 0x20
    .equ MSR_EFER, 0xC0000080
    .equ EFER_LME, 0x100

    .equ PRESENT_WRITABLE, 0x03
    .equ LARGE_PAGE, 0x80
    .equ UNCACHED, 0x18             // PWT and PCD
    .equ DEVICES_START, 0xC0000000  // RAM below 4 GiB ends here at the latest

    .equ STACK_SIZE, 32768

    .section .reset, "ax"
    .code16
    .globl reset_vector
reset_vector:
    jmp real_mode

    .section .start, "ax"
real_mode:
    cli
    cld
    lgdtl %cs:(gdt_register - reset_segment)
    movl $CR0_PE_ET, %eax
    movl %eax, %cr0
    ljmpl $CODE32, $protected_mode

    .equ reset_segment, 0xFFFF0000

    .code32
protected_mode:
    movw $DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss

    movl $program_load_start, %esi
    movl $program_start, %edi
    movl $program_size, %ecx
    shrl $2, %ecx
    rep movsl

    xorl %eax, %eax
    movl $bss_start, %edi
    movl $bss_size, %ecx
    shrl $2, %ecx
    rep stosl

    // The top two levels: one entry, and four that cover a GiB each. They are zero otherwise, being in .bss.
    movl $(page_directory_pointers + PRESENT_WRITABLE), pml4
    movl $(page_directories + PRESENT_WRITABLE), %eax
    movl $page_directory_pointers, %edi
1:  movl %eax, (%edi)
    addl $0x1000, %eax
    addl $8, %edi
    cmpl $(page_directories + 0x4000 + PRESENT_WRITABLE), %eax
    jne 1b

    // 2048 pages of 2 MiB, until the address wraps around. Device registers must not be cached.
    movl $(PRESENT_WRITABLE | LARGE_PAGE), %eax
    movl $page_directories, %edi
2:  movl %eax, (%edi)
    movl $0, 4(%edi)
    addl $8, %edi
    addl $0x200000, %eax
    cmpl $(DEVICES_START | PRESENT_WRITABLE | LARGE_PAGE), %eax
    jne 3f
    orl $UNCACHED, %eax
3:  cmpl $(PRESENT_WRITABLE | LARGE_PAGE | UNCACHED), %eax
    jne 2b

    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $pml4, %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl $EFER_LME, %eax
    xorl %edx, %edx
    wrmsr
    movl %cr0, %eax
    orl $CR0_PG, %eax
    movl %eax, %cr0
    ljmpl $CODE64, $long_mode

    .balign 8
    // Every entry is already marked accessed, so that the processor has no reason to write to the ROM.
gdt:
    .quad 0
    .quad 0x00CF9B000000FFFF        // CODE32
    .quad 0x00CF93000000FFFF        // DATA
    .quad 0x00AF9B000000FFFF        // CODE64
gdt_end:
gdt_register:
    .word gdt_end - gdt - 1
    .long gdt

    .section .text.long_mode, "ax"
    .code64
long_mode:
    movl $stack_top, %esp
    xorl %ebp, %ebp
    call self_test
    // `self_test` ends by halting for ever.
    ud2

    .section .bss.tables, "aw", @nobits
    .balign 4096
pml4:
    .skip 4096
page_directory_pointers:
    .skip 4096

    // Written before they are read, so not worth clearing.
    .section .uninitialised, "aw", @nobits
    .balign 4096
page_directories:
    .skip 4 * 4096
    .globl dma_page
dma_page:
    .skip 4096
    .balign 16
    .skip STACK_SIZE
stack_top:
