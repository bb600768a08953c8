/** Looks up how the fields of a node type are called, so that reasons of the validators name them as the form does. */
export function labelsOf(type: string): (field: string) => string {
  return (field) => RED._(`node-red-contrib-lightly-aws/${type}:${type}.label.${field}`);
}
