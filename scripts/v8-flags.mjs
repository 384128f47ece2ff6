/**
 * V8 flags of every serving process; workers inherit them. `npm start`, the image and the systemd unit in
 * docs/operations.md pass them on the command line, because V8 accepts them only there.
 * The heap may grow by 30 % before a full collection: a request's objects survive two minor collections and become
 * garbage soon after. Allocation-site pretenuring is off: V8 would decide on it permanently while the first requests
 * after a start are slow.
 */
export const V8_FLAGS = ['--heap-growing-percent=30', '--no-allocation-site-pretenuring'];
