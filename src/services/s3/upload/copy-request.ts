/** Copies a request of the SDK with changes. The SDK recognizes its requests by their prototype. */
export function copyRequest<R extends object>(request: R, changes: object): R {
  return Object.assign(Object.create(Object.getPrototypeOf(request)), request, changes);
}
