import { formOf } from "../../editor/form-of.ts";
import { offerTest } from "../../editor/look-up/connection-test.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-aws-account", fields, { onOpen: offerTest });

RED.nodes.registerType("lightly-aws-account", {
  category: "config",
  icon: "lightly-aws-account.svg",
  defaults: form.defaults,
  credentials: form.credentials,
  label() {
    return String(this.name || (this.region ? `AWS ${this.region}` : "AWS"));
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
