import { offerTest } from "../../editor/connection-test.ts";
import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { numberFrom, webAddress } from "../../editor/rules.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field, type ReadProperty } from "../../editor/validators.ts";

const label = labelsOf("lightly-account");

// Lightly asks clients of its public server to look no more often than every 30 seconds.
const pollInterval = (read: ReadProperty) =>
  numberFrom(/^https:\/\/api\.lightly\.ai\/?$/.test(String(read("apiUrl"))) ? 30 : 0.1, 3600);

RED.nodes.registerType("lightly-account", {
  category: "config",
  icon: "lightly-account.svg",
  defaults: {
    name: { value: "" },
    apiUrl: { value: "", label: label("apiUrl"), validate: field({ rule: webAddress }) },
    pollSeconds: {
      value: "",
      label: label("pollSeconds"),
      validate: field({ ruleFor: pollInterval }),
    },
  },
  credentials: {
    token: { type: "password" },
  },
  label() {
    return String(this.name || "Lightly");
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
