"""The hardware: MyHDL generators of everything that is converted, configured by one `AcceleratorConfig`."""
