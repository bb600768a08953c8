import { offerTest } from "../../editor/connection-test.ts";
import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { webAddress } from "../../editor/rules.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field } from "../../editor/validators.ts";

const label = labelsOf("lightly-pexels-account");

RED.nodes.registerType("lightly-pexels-account", {
  category: "config",
  icon: "lightly-pexels-account.svg",
  defaults: {
    name: { value: "" },
    apiUrl: { value: "", label: label("apiUrl"), validate: field({ rule: webAddress }) },
  },
  credentials: {
    apiKey: { type: "password" },
  },
  label() {
    return String(this.name || "Pexels");
  },
  oneditprepare() {
    openForm(this);
    offerTest(this);
  },
  oneditsave() {
    saveForm(this);
  },
  oneditcancel() {
    closeForm();
  },
});
