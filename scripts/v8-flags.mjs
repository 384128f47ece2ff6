/**
 * How every process that serves is started; the workers of a process inherit it. `npm start`, the image and the systemd
 * unit in docs/operations.md spell the flags out, because V8 takes them from the command line only.
 *
 * The heap is collected at 30 % growth: what a request holds outlives two short collections and is garbage soon after.
 * V8 does not pretenure: it decides on that permanently while the first requests after a start are slow.
 */
export const V8_FLAGS = ['--heap-growing-percent=30', '--no-allocation-site-pretenuring'];
